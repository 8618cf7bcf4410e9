import { expect, test } from "vitest";
import { DEFAULT_DEFLATE_SETTINGS, type DeflateOptions, deflateSettings } from "../src/settings.ts";

test("everything has a default", () => {
	expect(deflateSettings()).toEqual(DEFAULT_DEFLATE_SETTINGS);
	expect(deflateSettings({ level: 9 })).toEqual({ ...DEFAULT_DEFLATE_SETTINGS, level: 9 });
	expect(deflateSettings({ level: undefined, windowBits: undefined })).toEqual(DEFAULT_DEFLATE_SETTINGS);
});

test.each([
	["threshold", 0, Number.POSITIVE_INFINITY],
	["level", 0, 9],
	["windowBits", 8, 15],
	["memoryLevel", 1, 9],
	["peerWindowBits", 8, 15],
	["maxContexts", 0, Number.POSITIVE_INFINITY],
] as const)("%s is a whole number from %i to %d", (name, least, most) => {
	const given = (value: unknown) => () => deflateSettings({ [name]: value } as DeflateOptions);
	expect(given(least)()).toMatchObject({ [name]: least });
	expect(given(most)()).toMatchObject({ [name]: most });
	const wrong = [
		least - 1,
		least + 0.5,
		Number.NaN,
		`${least}`,
		...(most === Number.POSITIVE_INFINITY ? [] : [most + 1]),
	];
	for (const value of wrong) {
		const message = expect.stringContaining(`${name} must be a whole number from ${least} to ${most}, not ${value}`);
		expect(given(value)).toThrow(expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_DEFLATE", message }));
	}
});
