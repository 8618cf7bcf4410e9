// Exits 1 when @barewire/ws has left the range of the ws that it stands for, or would with its next release.

import { wsRelease, wsVersionFindings } from "./ws-version.ts";

const findings = wsVersionFindings(wsRelease());
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
