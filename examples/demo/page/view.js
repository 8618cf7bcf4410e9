const SLOTS = 12;
/** A queue empties in a millisecond; it stays on the page for this long. */
const QUEUE_SHOWN_MS = 2_000;

const byId = (id) => document.getElementById(id);

export function showStatus(state, text) {
	const status = byId("status");
	status.dataset.state = state;
	status.textContent = text;
	document.body.classList.toggle("away", state !== "open");
}

let queueUntil = 0;

export function showListening({ address, backlog, queue, longest }) {
	byId("address").textContent = address;
	if (queue === null) {
		byId("queue").textContent = `up to ${backlog}; this system doesn’t show how many`;
		return;
	}
	const now = performance.now();
	if (queue === 0 && now < queueUntil) {
		setTimeout(() => showListening({ address, backlog, queue, longest }), queueUntil - now + 10);
		return;
	}
	if (queue > 0) queueUntil = now + QUEUE_SHOWN_MS;
	byId("queue").textContent = `${queue} of at most ${backlog}${longest > 0 ? ` · most so far ${longest}` : ""}`;
	const slots = byId("slots");
	while (slots.children.length < SLOTS) slots.append(document.createElement("span"));
	for (const [index, slot] of [...slots.children].entries()) slot.classList.toggle("full", index < queue);
}

export function showCounters(counters) {
	for (const element of document.querySelectorAll("[data-counter]")) {
		element.textContent = String(counters[element.dataset.counter]);
	}
}

export function showHidden(count) {
	byId("hidden").hidden = count === 0;
	byId("hidden").textContent = `and ${count} more`;
}

let lastNumber = 0;

export function showHappenings(happenings) {
	const log = byId("log");
	// After a restart the server counts from 1 again.
	if ((happenings.at(-1)?.number ?? 0) < lastNumber) log.replaceChildren();
	const from = log.childElementCount === 0 ? 0 : lastNumber;
	for (const { number, kind, id, text } of happenings) {
		if (number <= from) continue;
		const item = document.createElement("li");
		item.dataset.kind = kind;
		item.append(part("kind", kind), part("id", id === null ? "" : `#${id}`), part("text", text));
		log.prepend(item);
		lastNumber = number;
	}
	while (log.childElementCount > 30) log.lastElementChild.remove();
}

function part(name, text) {
	const span = document.createElement("span");
	span.className = name;
	span.textContent = text;
	return span;
}

export function showValue(value, by, me) {
	byId("value").textContent = String(value);
	// The hand that drags the slider knows better than an echo from some moments ago.
	if (!byId("slider").matches(":active")) byId("slider").value = String(value);
	if (by === null) return;
	byId("value-hint").textContent = by === me ? "You changed it." : `#${by} changed it.`;
}

export function showAnswer(line, text) {
	byId("answer").hidden = false;
	byId("answer-line").textContent = line;
	byId("answer-text").textContent = text;
}
