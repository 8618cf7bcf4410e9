/** A subset of the options. An option that is present but undefined counts as absent. */
export type Some<Options> = { [Name in keyof Options]?: Options[Name] | undefined };
