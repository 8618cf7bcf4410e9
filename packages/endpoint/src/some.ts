/** Any of the options. One that is present but undefined counts as absent. */
export type Some<Options> = { [Name in keyof Options]?: Options[Name] | undefined };
