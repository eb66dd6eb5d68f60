/** How Slipway answers what it will not take: bad form, a wrong signature, too large, no JSON. */
const refusals = [400, 401, 413, 415];

/** Whether a delivery was refused for good reason, so that only its being sent anew can help. */
export const isRefusal = (code: number): boolean => refusals.includes(code);

const minute = 60_000;

/** After how long a delivery that was refused is sent again, time after time, in milliseconds. */
export const refusalPauses = [minute, 5 * minute, 30 * minute, 120 * minute, 360 * minute];
