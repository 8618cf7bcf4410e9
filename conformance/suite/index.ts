import { IS_LONG_FORM } from "../long-form.ts";
import type { Case } from "./case.ts";
import { accepting } from "./families/accepting.ts";
import { admission, clientAddress } from "./families/admission.ts";
import { attaching } from "./families/attaching.ts";
import { backPressure } from "./families/back-pressure.ts";
import { breakingOff } from "./families/breaking-off.ts";
import { breakingOffPending } from "./families/breaking-off-pending.ts";
import { budgets } from "./families/budgets.ts";
import { burst } from "./families/burst.ts";
import { clientHandshake } from "./families/client-handshake.ts";
import { clientRequest } from "./families/client-request.ts";
import { closing } from "./families/closing.ts";
import { controlFrames } from "./families/control-frames.ts";
import { deflateAnswers } from "./families/deflate-answers.ts";
import { deflateBomb } from "./families/deflate-bomb.ts";
import { deflateBroken } from "./families/deflate-broken.ts";
import { deflateLimits } from "./families/deflate-limits.ts";
import { deflateMessages } from "./families/deflate-messages.ts";
import { deflateOffers } from "./families/deflate-offers.ts";
import { deflatePublish } from "./families/deflate-publish.ts";
import { deflateSending } from "./families/deflate-sending.ts";
import { draining } from "./families/draining.ts";
import { fairness } from "./families/fairness.ts";
import { faultyLinks } from "./families/faulty-links.ts";
import { fragmentation } from "./families/fragmentation.ts";
import { headers } from "./families/headers.ts";
import { httpAnswers } from "./families/http-answers.ts";
import { httpContentTypes } from "./families/http-content-types.ts";
import { httpFailures } from "./families/http-failures.ts";
import { httpProxied } from "./families/http-proxied.ts";
import { httpRequestObjects } from "./families/http-request-objects.ts";
import { httpRequests } from "./families/http-requests.ts";
import { httpStreaming } from "./families/http-streaming.ts";
import { httpTime } from "./families/http-time.ts";
import { lengths } from "./families/lengths.ts";
import { life } from "./families/life.ts";
import { limits } from "./families/limits.ts";
import { masking } from "./families/masking.ts";
import { observing } from "./families/observing.ts";
import { oneSource } from "./families/one-source.ts";
import { ownership } from "./families/ownership.ts";
import { rates } from "./families/rates.ts";
import { serverDeciding } from "./families/server-deciding.ts";
import { serverHandshake } from "./families/server-handshake.ts";
import { serverOrigins } from "./families/server-origins.ts";
import { serverUpgrade } from "./families/server-upgrade.ts";
import { slowConsumers } from "./families/slow-consumers.ts";
import { stalled } from "./families/stalled.ts";
import { story } from "./families/story.ts";
import { streamContract } from "./families/stream-contract.ts";
import { streamDialled } from "./families/stream-dialled.ts";
import { streamWriting } from "./families/stream-writing.ts";
import { streaming } from "./families/streaming.ts";
import { streamingFiles } from "./families/streaming-files.ts";
import { tls } from "./families/tls.ts";
import { transportErrors } from "./families/transport-errors.ts";
import { upgrading } from "./families/upgrading.ts";
import { utf8 } from "./families/utf8.ts";

/** Every case of the suite. */
export const SUITE: readonly Case[] = [
	// It looks at the most memory that the process has ever had, so it comes before those that take more.
	...deflateBomb,
	...accepting,
	...admission,
	...clientAddress,
	...attaching,
	...backPressure,
	...breakingOffPending,
	...breakingOff,
	...budgets,
	...burst,
	...clientHandshake,
	...clientRequest,
	...closing,
	...controlFrames,
	...deflateAnswers,
	...deflateBroken,
	...deflateLimits,
	...deflateMessages,
	...deflateOffers,
	...deflatePublish,
	...deflateSending,
	...draining,
	...fairness,
	...faultyLinks,
	...fragmentation,
	...headers,
	...httpAnswers,
	...httpContentTypes,
	...httpFailures,
	...httpProxied,
	...httpRequestObjects,
	...httpRequests,
	...httpStreaming,
	...httpTime,
	...lengths,
	...life,
	...limits,
	...masking,
	...observing,
	...oneSource,
	...ownership,
	...rates,
	...serverDeciding,
	...serverHandshake,
	...serverOrigins,
	...serverUpgrade,
	...slowConsumers,
	...stalled,
	...story,
	...streaming,
	...streamingFiles,
	...streamContract,
	...streamDialled,
	...streamWriting,
	...tls,
	...transportErrors,
	...upgrading,
	...utf8,
];

/** Those that this run tries. */
export const CASES: readonly Case[] = SUITE.filter(({ isLong = false }) => IS_LONG_FORM || !isLong);
