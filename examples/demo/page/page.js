import { createDial } from "./dial.js";
import { createExtras } from "./extras.js";
import { keepOpen } from "./live.js";
import { createRows } from "./rows.js";
import { showAnswer, showCounters, showHappenings, showHidden, showListening, showStatus, showValue } from "./view.js";

const BURST = 6;
/** The server looks away at most once in so long. */
const BURST_EVERY_MS = 3_200;
const byId = (id) => document.getElementById(id);

const own = { page: true, id: null, value: null, note: null };

const extras = createExtras(() => {
	byId("open").disabled = extras.full || own.id === null;
	rows.redraw();
});

const rows = createRows(byId("rows"), byId("row"), {
	hearing: (id) => (id === own.id ? own : extras.find(id)),
	onAct(act, id) {
		if (act === "hello") live.send({ type: "note", to: id, text: "hello" });
		else if (act === "there") live.send({ type: "close", id });
		else if (id === own.id) live.close();
		else extras.find(id)?.socket.close(1000, "the page closed it");
	},
});

const live = keepOpen("/live", {
	onOpen(open) {
		if (!open) own.id = null;
		if (!open) showStatus("away", "the server is away; trying again…");
		for (const id of ["less", "more", "slider", "open", "ask", "burst"]) byId(id).disabled = !open;
	},
	onMessage(message) {
		switch (message.type) {
			case "you":
				own.id = message.id;
				own.note = null;
				return showStatus("open", `connected as #${message.id}`);
			case "state":
				showListening(message.listening);
				showCounters(message.counters);
				showHidden(message.hidden);
				showHappenings(message.happenings);
				return rows.update(message.connections);
			case "value":
				own.value = message.value;
				showValue(message.value, message.by, own.id);
				return rows.redraw();
			case "note":
				own.note = message;
				return rows.redraw();
		}
	},
});

const dial = createDial({ send: live.send, nextFrame: requestAnimationFrame.bind(window) });

byId("slider").addEventListener("input", ({ target }) => dial.turnTo(Number(target.value)));
byId("less").addEventListener("click", () => dial.step(-1));
byId("more").addEventListener("click", () => dial.step(1));
byId("open").addEventListener("click", () => extras.open());

byId("ask").addEventListener("click", async () => {
	try {
		const response = await fetch("/hello", { cache: "no-store" });
		showAnswer(`GET /hello → ${response.status} ${response.statusText}`, await response.text());
	} catch {
		showAnswer("GET /hello → no answer", "");
	}
});

byId("burst").addEventListener("click", async ({ target }) => {
	target.disabled = true;
	setTimeout(() => {
		target.disabled = own.id === null;
	}, BURST_EVERY_MS);
	live.send({ type: "pause" });
	const requests = Array.from({ length: BURST }, () => fetch("/hello", { cache: "no-store" }));
	const answers = await Promise.allSettled(requests);
	const ok = answers.filter(({ status, value }) => status === "fulfilled" && value.ok).length;
	showAnswer(
		`${BURST} × GET /hello, all at once`,
		`${ok} answered, ${BURST - ok} lost. The new connections waited in the queue of the listening socket.`,
	);
});
