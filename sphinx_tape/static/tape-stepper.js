// @ts-check
/**
 * Steps through the reverse pass: drawing, ledger and source move together.
 *
 * Everything is in the page already; this only adds controls and sets classes, so that the page says the
 * same without it. It reads the ids and `data-` attributes that `render/html_steps.py` writes.
 */
(() => {
	"use strict";

	const SVG = "http://www.w3.org/2000/svg";
	/** The words of `data-strings`, in the order of `stepper_strings` in `render/html.py`. */
	const WORDS = "group first previous play pause next last step speed forward reverse ledger all".split(" ");
	const SPEEDS = [0.5, 1, 2, 4];
	const PAUSE = 1800;
	const ICONS = {
		first: "M3 3v10M13 3l-8 5 8 5z",
		previous: "M5 8l5-5zl5 5z",
		play: "M4 2l10 6-10 6z",
		pause: "M5 3v10m6 0V3",
		next: "M11 8L6 3zl-5 5z",
		last: "M13 3v10M3 3l8 5-8 5z",
	};

	/**
	 * @param {string} name
	 * @param {string} className
	 * @param {Record<string, string>} [attributes]
	 * @returns {HTMLElement}
	 */
	function make(name, className, attributes = {}) {
		const element = document.createElement(name);
		element.className = className;
		for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
		return element;
	}

	/** @param {Element} item @param {string} key @returns {string[]} */
	const words = (item, key) => (item.getAttribute(key) || "").split(" ").filter(Boolean);

	/** @param {Element | null} element @returns {string} */
	const said = (element) =>
		((element && (element.getAttribute("data-text") || element.textContent)) || "").replace(/\s+/g, " ").trim();

	/**
	 * @param {Element} root
	 * @param {string} key
	 * @returns {Map<string, Element[]>} the drawing's groups by what they stand for
	 */
	function groups(root, key) {
		const found = new Map();
		for (const element of root.querySelectorAll(`svg [${key}]`)) {
			for (const name of words(element, key)) found.set(name, [...(found.get(name) || []), element]);
		}
		return found;
	}

	/** Opens folded parts around an element. @param {Element | null} element */
	function unfold(element) {
		for (let at = element; at; at = at.parentElement) if (at.matches("details")) at.setAttribute("open", "open");
	}

	class Stepper {
		/** @param {Element} root @param {Element} ledger */
		constructor(root, ledger) {
			this.root = root;
			this.ledger = ledger;
			const words = (root.getAttribute("data-strings") || "").split("|");
			/** @type {Record<string, string>} */
			this.words = Object.fromEntries(WORDS.map((name, place) => [name, words[place] || ""]));
			this.forward = [...ledger.querySelectorAll(".tape-forward > li")];
			this.reverse = [...ledger.querySelectorAll(".tape-steps > li")];
			this.items = [...this.forward, ...this.reverse];
			this.nodes = groups(root, "data-node");
			this.edges = groups(root, "data-edge");
			this.lines = [...root.querySelectorAll(".tape-source > li")];
			this.at = this.items.length;
			this.timer = 0;
			this.bar = make("div", "tape-controls", { role: "group", "aria-label": this.words.group });
			const range = { type: "range", min: "0", max: `${this.items.length}`, "aria-label": this.words.step };
			this.slider = /** @type {HTMLInputElement} */ (make("input", "tape-slider", range));
			this.speed = /** @type {HTMLSelectElement} */ (
				make("select", "tape-speed", { "aria-label": this.words.speed })
			);
			this.status = make("p", "tape-say", { role: "status" });
			this.build();
			this.show(this.at);
		}

		/** Adds the controls and listens. */
		build() {
			const { first, previous, play, next, last, ledger } = this.words;
			this.button("first", first, () => this.go(0));
			this.previousButton = this.button("previous", previous, () => this.go(this.at - 1));
			this.playButton = this.button("play", play, () => (this.timer ? this.stop() : this.start()));
			this.button("next", next, () => this.go(this.ended() ? 0 : this.at + 1));
			this.button("last", last, () => this.go(this.items.length - 1));
			this.slider.addEventListener("input", () => {
				this.stop();
				this.go(Number(this.slider.value));
			});
			for (const rate of SPEEDS) {
				const option = make("option", "", { value: `${rate}` });
				option.textContent = `${rate}×`;
				this.speed.append(option);
			}
			this.speed.value = "1";
			this.bar.append(this.slider, this.speed);
			this.ledger.before(this.bar, this.status);
			this.ledger.setAttribute("tabindex", "0");
			this.ledger.setAttribute("role", "group");
			this.ledger.setAttribute("aria-label", ledger);
			this.root.classList.add("tape-scripted");
			this.root.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)));
			this.root.addEventListener("click", (event) => this.click(/** @type {MouseEvent} */ (event)));
		}

		/**
		 * @param {keyof typeof ICONS} icon
		 * @param {string} label
		 * @param {() => void} action
		 * @returns {HTMLElement}
		 */
		button(icon, label, action) {
			const button = make("button", "tape-button", { type: "button", "aria-label": label, title: label });
			const picture = document.createElementNS(SVG, "svg");
			picture.setAttribute("viewBox", "0 0 16 16");
			picture.setAttribute("aria-hidden", "true");
			picture.append(document.createElementNS(SVG, "path"));
			button.append(picture);
			this.draw(button, icon);
			button.addEventListener("click", () => {
				if (icon !== "play") this.stop();
				action();
			});
			this.bar.append(button);
			return button;
		}

		/** @param {Element} button @param {keyof typeof ICONS} icon */
		draw(button, icon) {
			const path = button.querySelector("path");
			if (path) path.setAttribute("d", ICONS[icon]);
		}

		/** Whether the whole figure is shown and no step is current. */
		ended() {
			return this.at >= this.items.length;
		}

		/** Goes to a step; beyond the last one everything is shown. @param {number} place */
		go(place) {
			this.show(Math.min(Math.max(place, 0), this.items.length));
		}

		/** @param {number} place */
		show(place) {
			this.at = place;
			const item = this.items[place];
			this.root.classList.toggle("tape-live", Boolean(item));
			this.root.classList.toggle("tape-reversing", Boolean(item) && place >= this.forward.length);
			this.items.forEach((other, index) => {
				other.classList.toggle("tape-future", index > place);
				other.classList.toggle("tape-now", index === place);
				if (index === place) other.setAttribute("aria-current", "step");
				else other.removeAttribute("aria-current");
			});
			this.light(item);
			this.tell(item);
			if (item) this.follow(item);
		}

		/** Lights the drawing and the source. @param {Element | undefined} item */
		light(item) {
			const passed = this.items.slice(0, this.at + 1);
			const computed = new Set(passed.map((one) => one.getAttribute("data-node")));
			const settled = new Set();
			for (const one of passed.slice(this.forward.length)) {
				settled.add(one.getAttribute("data-node"));
				for (const node of words(one, "data-done")) settled.add(node);
			}
			const current = item && item.getAttribute("data-node");
			const used = new Set(item ? words(item, "data-edges") : []);
			// A mirrored drawing has a twin of everything for the reverse pass: it waits for that.
			const early = this.at < this.forward.length;
			const twin = (/** @type {Element} */ element) => element.classList.contains("tape-twin");
			for (const element of new Set([...this.nodes.values()].flat())) {
				const nodes = words(element, "data-node");
				const done = twin(element) ? settled : computed;
				element.classList.toggle("tape-current", nodes.includes(current || "") && !(early && twin(element)));
				element.classList.toggle("tape-pending", !nodes.some((node) => done.has(node)));
				element.classList.toggle("tape-unsettled", !nodes.every((node) => settled.has(node)));
			}
			for (const element of new Set([...this.edges.values()].flat())) {
				const lit = words(element, "data-edge").some((edge) => used.has(edge));
				const on = element.classList.toggle("tape-current", lit && !(early && twin(element)));
				// Above its neighbours, whose lines would strike it through.
				if (on) element.parentNode?.append(element);
			}
			const line = item && item.getAttribute("data-line");
			for (const one of this.lines) one.classList.toggle("tape-now", one.getAttribute("data-line") === line);
		}

		/** Says where we are, in view and to screen readers. @param {Element | undefined} item */
		tell(item) {
			const { forward, reverse, all } = this.words;
			const steps = this.items.length - this.forward.length;
			const inReverse = this.at >= this.forward.length;
			const position = item
				? (inReverse ? reverse : forward)
						.replace("{step}", `${inReverse ? this.at - this.forward.length + 1 : this.at + 1}`)
						.replace("{steps}", `${inReverse ? steps : this.forward.length}`)
				: all;
			const { status } = this;
			status.textContent = "";
			if (item) {
				const link = make("a", "", { href: `#${item.id}` });
				link.textContent = position;
				status.append(link, ` · ${this.summary(item)}`);
				const code = this.code(item);
				if (code) status.append(" · ", code.cloneNode(true));
			} else {
				status.textContent = position;
			}
			this.slider.value = `${this.at}`;
			this.slider.setAttribute("aria-valuetext", position);
			if (this.previousButton) this.previousButton.setAttribute("aria-disabled", `${this.at === 0}`);
		}

		/** The line of code stands at the first node that it made. @param {Element} item */
		code(item) {
			const node = item.getAttribute("data-node");
			let place = this.forward.findIndex((one) => one.getAttribute("data-node") === node);
			while (place > 0 && !this.forward[place].querySelector(".tape-src")) place -= 1;
			return place < 0 ? null : this.forward[place].querySelector(".tape-src");
		}

		/** @param {Element} item @returns {string} what a step did, in words */
		summary(item) {
			const results = [...item.querySelectorAll(".tape-contributions > li")].map((one) => {
				const numbers = one.querySelectorAll(".tape-equation .tape-number");
				return `${said(one.querySelector(".tape-to"))} = ${said(numbers[numbers.length - 1])}`;
			});
			return [said(item.querySelector(".tape-what")), ...results].join("; ");
		}

		/** Scrolls ledger and drawing, never the page. @param {Element} item */
		follow(item) {
			const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
			const behavior = still ? "auto" : "smooth";
			const [box, frame] = [item.getBoundingClientRect(), this.ledger.getBoundingClientRect()];
			const top = this.ledger.scrollTop + box.top - frame.top - (frame.height - box.height) / 2;
			this.ledger.scrollTo({ top, behavior });
			const node = (this.nodes.get(item.getAttribute("data-node") || "") || [])[0];
			const drawing = node && node.closest(".tape-drawing");
			if (!node || !drawing) return;
			const [shape, view] = [node.getBoundingClientRect(), drawing.getBoundingClientRect()];
			if (shape.left < view.left || shape.right > view.right || shape.top < view.top || shape.bottom > view.bottom) {
				drawing.scrollBy({
					left: shape.left + shape.width / 2 - view.left - view.width / 2,
					top: shape.top + shape.height / 2 - view.top - view.height / 2,
					behavior,
				});
			}
		}

		start() {
			if (this.at >= this.items.length - 1) this.go(0);
			else this.go(this.at + 1);
			this.playing(true);
			this.tick();
		}

		tick() {
			this.timer = window.setTimeout(() => {
				this.go(this.at + 1);
				if (this.at < this.items.length - 1) this.tick();
				else this.stop();
			}, PAUSE / Number(this.speed.value));
		}

		stop() {
			window.clearTimeout(this.timer);
			this.timer = 0;
			this.playing(false);
		}

		/** Shows the other sign; while playing, a screen reader is not flooded. @param {boolean} on */
		playing(on) {
			const button = /** @type {HTMLElement} */ (this.playButton);
			const label = on ? this.words.pause : this.words.play;
			this.draw(button, on ? "pause" : "play");
			button.setAttribute("aria-label", label);
			button.setAttribute("title", label);
			this.status.setAttribute("aria-live", on ? "off" : "polite");
		}

		/** @param {KeyboardEvent} event */
		key(event) {
			const target = /** @type {Element} */ (event.target);
			if (event.altKey || event.ctrlKey || event.metaKey || target.matches("input, select, summary, pre")) return;
			const rightToLeft = getComputedStyle(this.root).direction === "rtl";
			const places = new Map([
				[rightToLeft ? "ArrowLeft" : "ArrowRight", this.ended() ? 0 : this.at + 1],
				[rightToLeft ? "ArrowRight" : "ArrowLeft", this.at - 1],
				["Home", 0],
				["End", this.items.length - 1],
				["Escape", this.items.length],
			]);
			const place = places.get(event.key);
			if (place === undefined) return;
			event.preventDefault();
			this.stop();
			this.go(place);
		}

		/** A click on a node of the drawing goes to its step. @param {MouseEvent} event */
		click(event) {
			const target = /** @type {Element} */ (event.target);
			const node = target.closest("svg a") && target.closest("[data-node]");
			if (!node || event.ctrlKey || event.metaKey || event.shiftKey) return;
			const names = words(node, "data-node");
			const ofNode = (/** @type {Element} */ item) => names.includes(item.getAttribute("data-node") || "");
			const back = this.reverse.findIndex(ofNode);
			const inReverse = back >= 0 && this.at >= this.forward.length;
			const place = inReverse ? this.forward.length + back : this.forward.findIndex(ofNode);
			if (place < 0) return;
			event.preventDefault();
			this.stop();
			unfold(this.ledger);
			this.go(place);
		}

		/** Goes to the step that an address names. @param {Element} target */
		visit(target) {
			const place = this.items.findIndex((item) => item === target);
			if (place < 0) return;
			this.stop();
			this.go(place);
		}
	}

	/** @type {Stepper[]} */
	const steppers = [];

	function followAddress() {
		const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
		const figure = target && target.closest(".tape");
		if (!target || !figure) return;
		unfold(target);
		for (const stepper of steppers) stepper.visit(target);
		if (target.closest("details") && !target.matches(".tape-now")) target.scrollIntoView();
	}

	function begin() {
		for (const root of document.querySelectorAll(".tape[data-strings]")) {
			const ledger = root.querySelector(".tape-ledger");
			if (ledger && ledger.querySelector("li")) steppers.push(new Stepper(root, ledger));
		}
		followAddress();
		window.addEventListener("hashchange", followAddress);
	}

	if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
	else begin();
})();
