export { isGloballyRoutable } from './address-rules';
export type { Resolve } from './gate';
export { createSafeFetch, type SafeFetch, type SafeFetchOptions, type SafeRequest, type SafeResponse } from './safe-fetch';
