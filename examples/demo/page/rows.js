/** A switch takes a moment here, though it takes the server none: otherwise nobody would see it. */
const SWITCH_SHOWN_AFTER_MS = 700;
const LABELS = { http: "HTTP", websocket: "WebSocket", closed: "closed" };

/**
 * The table of connected sockets. `onAct(act, id)` is called for a row's buttons; `hearing(id)` gives what this page's own
 * socket with that number has heard: `{ page, value, note }`, or undefined for a socket that isn't this page's.
 */
export function createRows(body, template, { onAct, hearing }) {
	const rows = new Map();
	let first = true;

	function update(connections) {
		const present = new Set(connections.map(({ id }) => id));
		for (const [id, row] of rows) {
			if (present.has(id)) continue;
			row.element.remove();
			rows.delete(id);
		}
		for (const connection of connections) {
			const row = rows.get(connection.id) ?? add(connection);
			row.connection = connection;
			plan(row);
			draw(row);
		}
		first = false;
	}

	function add(connection) {
		const element = template.content.firstElementChild.cloneNode(true);
		const row = { element, connection, speaks: first ? connection.speaks : "http", traffic: 0 };
		for (const button of element.querySelectorAll("button")) {
			button.addEventListener("click", () => onAct(button.dataset.act, connection.id));
		}
		element.querySelector(".id").textContent = `#${connection.id}`;
		element.querySelector(".local").textContent = connection.local;
		element.querySelector(".remote").textContent = connection.remote;
		element.addEventListener("animationend", ({ animationName }) => element.classList.remove(animationName));
		if (!first) play(element, "arrive");
		if (hearing(connection.id)?.page) body.prepend(element);
		else body.append(element);
		rows.set(connection.id, row);
		return row;
	}

	/** Shows a switch some time after it came. */
	function plan(row) {
		if (row.connection.speaks === row.speaks || row.planned) return;
		row.planned = setTimeout(() => {
			row.speaks = row.connection.speaks;
			play(row.element, "glow");
			draw(row);
		}, SWITCH_SHOWN_AFTER_MS);
	}

	function draw(row) {
		const { element, connection } = row;
		const mine = hearing(connection.id);
		const speaks = connection.closed ? "closed" : row.speaks;
		element.dataset.speaks = speaks;
		element.classList.toggle("this-page", mine?.page === true);
		say(element, ".badge", LABELS[speaks]);
		say(element, ".mine", mine === undefined ? "" : mine.page ? "this page" : "yours");
		say(element, ".last", last(connection, mine));
		say(element, ".traffic", traffic(connection, row.speaks, mine));
		const total = connection.requests + connection.received + connection.sent;
		if (total !== row.traffic && !first) play(element, "travel");
		row.traffic = total;
		const open = speaks === "websocket";
		show(element, "hello", open && mine?.page !== true, `Say hello to #${connection.id}`);
		show(element, "here", open && mine !== undefined, `Close #${connection.id} from this page`);
		show(element, "there", open, `Close #${connection.id} from the server`);
	}

	return {
		update,
		/** Draws again what this page's own sockets have heard. */
		redraw() {
			for (const row of rows.values()) draw(row);
		},
	};
}

function last({ last, closed }, mine) {
	if (closed || mine?.note == null) return last;
	return `heard “${mine.note.text}” from #${mine.note.from}`;
}

function traffic({ requests, received, sent }, speaks, mine) {
	if (speaks === "http") return requests === 1 ? "1 request" : `${requests} requests`;
	const heard = mine?.value == null ? "" : `\nhears ${mine.value}`;
	return `${received} in, ${sent} out${heard}`;
}

function say(element, selector, text) {
	const target = element.querySelector(selector);
	if (target.textContent !== text) target.textContent = text;
}

function show(element, act, shown, label) {
	const button = element.querySelector(`[data-act="${act}"]`);
	button.hidden = !shown;
	button.setAttribute("aria-label", label);
}

/** Runs the animation of that name, whose class bears the same name, from its start. */
function play(element, name) {
	element.classList.remove(name);
	// Reading a measure makes the browser notice that the class was away.
	void element.offsetWidth;
	element.classList.add(name);
}
