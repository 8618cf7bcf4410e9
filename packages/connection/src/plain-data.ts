import { UsageError } from "@barewire/errors";

/** Checks a value. Throws if it is not valid. */
export type Check = (value: unknown, path: string) => void;

/** Throws a `UsageError` (ERR_SNAPSHOT) that names the field. */
export function refuse(path: string, wanted: string): never {
	throw new UsageError(
		"ERR_SNAPSHOT",
		`not the snapshot of a connection: ${path} must be ${wanted}; take one with snapshot()`,
	);
}

function check(wanted: string, holds: (value: unknown) => boolean): Check {
	return (value, path) => {
		if (!holds(value)) refuse(path, wanted);
	};
}

export const flag: Check = check("true or false", (value) => typeof value === "boolean");

export const anything: Check = () => {};

/** The length is counted in UTF-16 code units. */
export function text(most: number): Check {
	return check(`a text of at most ${most} characters`, (value) => typeof value === "string" && value.length <= most);
}

export function wholeNumber(least: number, most: number): Check {
	return check(
		`a whole number from ${least} to ${most}`,
		(value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
	);
}

/** Milliseconds. */
export function duration(least: number): Check {
	return check(
		`a number of milliseconds from ${least} on`,
		(value) => Number.isFinite(value) && (value as number) >= least,
	);
}

export const bytes: Check = check("a Uint8Array", (value) => value instanceof Uint8Array);

export function oneOf(...values: readonly (string | number | boolean)[]): Check {
	return check(`one of ${values.join(", ")}`, (value) => values.includes(value as string));
}

export function orNull(inner: Check): Check {
	return (value, path) => {
		if (value !== null) inner(value, path);
	};
}

export function listOf(inner: Check): Check {
	return (value, path) => {
		if (!Array.isArray(value)) refuse(path, "an array");
		for (const [at, item] of (value as unknown[]).entries()) inner(item, `${path}[${at}]`);
	};
}

/** An object with exactly these fields. */
export function record(fields: Readonly<Record<string, Check>>): Check {
	return (value, path) => {
		if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(path, "an object");
		for (const name of Object.keys(value))
			if (!Object.hasOwn(fields, name)) refuse(`${path}.${name}`, "absent: it is no field of this version");
		for (const [name, inner] of Object.entries(fields))
			inner((value as Record<string, unknown>)[name], `${path}.${name}`);
	};
}
