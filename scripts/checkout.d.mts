export declare const root: string;
export declare const inCheckout: (...parts: string[]) => string;
