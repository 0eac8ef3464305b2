/** The end of a shadow tenant's id: the desk as evaluation runs it, with nobody to reach. */
const SHADOW_SUFFIX = "~eval";

export const isShadow = (tenant: string): boolean => tenant.endsWith(SHADOW_SUFFIX);
export const shadowOf = (tenant: string): string => `${tenant}${SHADOW_SUFFIX}`;
/** The tenant that a shadow stands for. */
export const baseOf = (shadow: string): string => shadow.slice(0, -SHADOW_SUFFIX.length);
