/** What the visitor does to the value. `send` sends a wish; `nextFrame` calls back before the page is drawn again. */
export function createDial({ send, nextFrame }) {
	let wanted = null;

	function flush() {
		if (wanted !== null) send({ type: "value", value: wanted });
		wanted = null;
	}

	return {
		/** The slider was moved. Sent once in a frame at most. */
		turnTo(value) {
			if (wanted === null) nextFrame(flush);
			wanted = value;
		},
		/** A button was clicked. The server adds: it alone knows the value at this moment, so that each click counts. */
		step(by) {
			flush();
			send({ type: "step", by });
		},
	};
}
