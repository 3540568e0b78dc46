/** A refusal of the platform in its own words. */
export class ApiError extends Error {}
