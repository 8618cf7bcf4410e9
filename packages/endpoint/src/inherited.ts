import { UsageError } from "@barewire/errors";

/** The descriptor of the first socket that systemd passes (sd_listen_fds(3): SD_LISTEN_FDS_START). */
const FIRST = 3;

/**
 * The number of an inherited descriptor. For "systemd" it is the one socket that systemd has passed to this process. Throws
 * a `UsageError` (ERR_OPTION) that says why there is none.
 */
export function inheritedDescriptor(
	fd: number | "systemd",
	environment: Readonly<Record<string, string | undefined>>,
	pid: number,
): number {
	if (fd !== "systemd") return fd;
	const { LISTEN_FDS, LISTEN_PID } = environment;
	if (LISTEN_FDS === undefined || LISTEN_PID === undefined)
		throw none(
			"LISTEN_FDS and LISTEN_PID are not set: start the program by a .socket unit, or by systemd-socket-activate",
		);
	// The variables are inherited by children, and the descriptors are not.
	if (LISTEN_PID !== `${pid}`)
		throw none(
			`LISTEN_PID is ${LISTEN_PID}, and this process is ${pid}: the sockets are for another process, such as a launcher that has started this one. Start the program without it`,
		);
	if (LISTEN_FDS !== "1")
		throw none(
			`LISTEN_FDS is ${LISTEN_FDS}, and one socket is needed: name the descriptor by its number, from ${FIRST} on`,
		);
	return FIRST;
}

function none(why: string): UsageError {
	return new UsageError("ERR_OPTION", `the option \`fd\` can't be "systemd": ${why}`);
}
