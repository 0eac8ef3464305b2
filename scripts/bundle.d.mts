export declare const entryOf: (checkout?: string) => string;
export declare const makeBundle: (checkout?: string) => Promise<void>;
