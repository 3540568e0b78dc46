/**
 * What every HTTP server of the gateway allows, ms. Request lines and headers must be here in 20 s; bodies have their own bounds, and answers may
 * take minutes. Idle connections stay longer than the usual 60 s of a proxy in front, so that it is the proxy that closes them. While an answer is
 * waited for, TCP asks whether the client is still there: one whose network died says no goodbye.
 */
export const SERVER_TIMES = { headersTimeout: 20_000, keepAliveTimeout: 75_000, requestTimeout: 0, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;
