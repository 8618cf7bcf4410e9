// The two classes of the Encoding Standard that the pure packages use. Every runtime has them, ECMAScript does not,
// and the compiler's DOM library would bring everything else along. They must not appear in public signatures:
// a consumer of the packages does not have this file.

declare class TextEncoder {
	encode(input?: string): Uint8Array<ArrayBuffer>;
	encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
	constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
	decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}
