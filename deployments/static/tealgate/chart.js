// The course of a deployment: panes above each other on one time axis, drawn by uPlot from the page's own JSON.
// Zoom, cursor and focus are the reader's, and stay when new numbers come.
(function () {
  "use strict";

  const NAMES = { source: "--tg-old", target: "--tg-new", planned: "--tg-new" };
  const DASHES = { source: [7, 4], planned: [2, 4] };
  const MARKS = { alarm: "◆", trouble: "▲", event: "●" };
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
  const LEFT = 46;
  const { filled, locale, now } = window.tealgate;
  // Languages that leave nothing between a number and its unit.
  const AT_ITS_NUMBER = /^ko\b/;

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const two = (number) => String(number).padStart(2, "0");
  const day = (moment) => moment.toLocaleDateString(locale, { day: "numeric", month: "short" });

  function clock(moment, seconds) {
    return two(moment.getHours()) + ":" + two(moment.getMinutes()) + (seconds ? ":" + two(moment.getSeconds()) : "");
  }

  function figure(value, unit) {
    if (value == null) return "–";
    return measured(unit, value >= 10 || Number.isInteger(value) ? Math.round(value).toLocaleString(locale) : small(value));
  }

  // What there was of something is not rounded to nothing.
  function small(value) {
    if (value < 0.01) return "<0.01";
    const said = value.toFixed(2);
    return value < 1 && !said.endsWith("0") ? said : value.toFixed(1);
  }

  // As it was set.
  const exact = (value, unit) => measured(unit, value.toLocaleString(locale));

  // On an axis there is room for six characters. A million is 1m in British English, which is taken for a thousandth.
  function short(value, unit) {
    if (value < 10000) return figure(value, unit);
    if (unit === "ms") return filled(gettext("{0} s"), (value / 1000).toLocaleString(locale));
    return measured(unit, value.toLocaleString(locale === "en-GB" ? "en" : locale, { notation: "compact" }));
  }

  const measured = (unit, said) => unit ? said + (AT_ITS_NUMBER.test(locale) ? "" : "\u00a0") + unit : said;

  // Local round times. A clock that is put back or forward shifts what follows, so each mark asks for its own offset.
  function splits(begins, min, max, step) {
    const found = [];
    const offset = (second) => -60 * new Date((begins + second) * 1000).getTimezoneOffset();
    for (let at = Math.ceil((begins + min) / step) * step - begins - step; at <= max + step; at += step) {
      const local = begins + at + offset(at);
      const round = at - (((local % step) + step) % step);
      if (round >= min && round <= max && round !== found[found.length - 1]) found.push(round);
    }
    return found;
  }

  function labels(begins, marks, step) {
    let before = day(new Date(now()));
    return marks.map((second) => {
      const moment = new Date((begins + second) * 1000), its = day(moment);
      const said = clock(moment, step < 60) + (its === before ? "" : "\n" + its);
      before = its;
      return said;
    });
  }

  // The newest value at or before a place.
  function valueAt(values, index) {
    for (let place = index; place >= 0; place--) if (values[place] != null) return values[place];
    return null;
  }

  class Chart {
    constructor(holder, data) {
      this.holder = holder;
      this.read = document.getElementById(holder.getAttribute("aria-describedby"));
      this.index = null;
      this.zoomed = null;
      this.take(data);
      holder.addEventListener("keydown", (event) => this.pressed(event));
      holder.addEventListener("blur", () => this.say(null));
      holder.addEventListener("touchmove", (event) => this.touched(event.touches[0]), { passive: true });
      new ResizeObserver(() => this.resized()).observe(holder);
      setInterval(() => this.passed(), 1000);
      new MutationObserver(() => this.build()).observe(document.documentElement, { attributeFilter: ["class"] });
    }

    take(data) {
      const shape = (from) => from && JSON.stringify([from.begins, from.panes.map((pane) => [pane.key, pane.lines.map((line) => line.role)])]);
      const same = shape(this.data) === shape(data);
      this.taken = performance.now();
      const at = this.index == null ? null : this.data.x[this.index];
      this.data = data;
      if (!same) { this.build(); }
      else {
        this.plots.forEach((plot, number) => plot.setData(this.columns(data.panes[number]), false));
        this.show();
      }
      if (at != null) this.move(this.closest(at));
    }

    // New numbers come when something happens; until then time passes all the same.
    get now() { return this.data.until + (this.data.over ? 0 : (performance.now() - this.taken) / 1000); }

    get end() { return Math.max(this.data.shown, this.now, this.data.from + 1); }

    get view() { return this.zoomed || [this.data.from, this.end]; }

    passed() {
      if (this.data.over || document.hidden || !this.holder.isConnected) return;
      if (this.zoomed || this.now < this.data.shown) this.plots.forEach((plot) => plot.redraw(false));
      else this.show();
    }

    columns(pane) { return [this.data.x, ...pane.lines.map((line) => line.values)]; }

    build() {
      this.plots?.forEach((plot) => plot.destroy());
      this.holder.replaceChildren();
      this.holder.style.setProperty("--tg-panes", this.data.panes.length);
      this.isSmall = window.innerWidth <= 520;
      this.colours = Object.fromEntries(["old", "new", "line", "quiet", "ink", "attention", "bad"].map((name) => [name, css("--tg-" + name)]));
      this.plots = this.data.panes.map((pane, number) => this.plot(pane, number));
      this.show();
    }

    plot(pane, number) {
      const last = number === this.data.panes.length - 1, first = number === 0;
      const title = document.createElement("div");
      title.className = "tg-pane-title";
      title.textContent = pane.title;
      this.holder.append(title);
      const own = this.isSmall ? (first ? 54 : 48) : (first ? 92 : 76);
      const font = "11px " + getComputedStyle(this.holder).fontFamily;
      const axis = { stroke: this.colours.quiet, font, ticks: { show: false }, grid: { stroke: this.colours.line, width: 1 } };
      const plot = new window.uPlot({
        width: this.holder.clientWidth, height: own + (last ? 27 : 0), padding: [8, 24, last ? 0 : 7, 0],
        legend: { show: false },
        cursor: {
          sync: { key: "course" }, y: false, drag: { x: true, y: false, setScale: false }, focus: { prox: -1 },
          points: { size: 7 }, bind: { dblclick: () => () => this.reset(true) },
        },
        scales: { x: { time: false }, y: { range: () => [0, this.top(pane)] } },
        axes: [
          {
            ...axis, size: last ? 34 : 0, gap: 4, space: this.isSmall ? 56 : 76, incrs: STEPS,
            splits: (_, __, min, max, step) => splits(this.data.begins, min, max, step),
            values: (_, marks, __, ___, step) => last ? labels(this.data.begins, marks, step) : marks.map(() => ""),
          },
          { ...axis, size: LEFT, gap: 4, space: this.isSmall ? 15 : 26, values: (_, marks) => marks.map((mark) => short(mark, pane.unit)) },
        ],
        series: [{}, ...pane.lines.map((line) => this.line(pane, line))],
        hooks: {
          drawClear: [(it) => this.gates(it)],
          draw: [(it) => this.over(it, pane, first)],
          setSelect: [(it) => this.selected(it)],
          setCursor: [(it) => { if (it.cursor.event) this.hovered(it); }],
        },
      }, this.columns(pane), this.holder);
      return plot;
    }

    line(pane, line) {
      const colour = css(NAMES[line.role]), isShare = pane.key === "share";
      return {
        stroke: colour, width: line.role === "planned" ? 1.5 : 2, dash: DASHES[line.role], spanGaps: !isShare,
        // Of one value there is no line yet.
        points: { show: (it, column) => !isShare && it.data[column].filter((value) => value != null).length === 1, size: 5, fill: colour },
        paths: isShare ? window.uPlot.paths.stepped({ align: 1 }) : undefined,
        fill: isShare && line.role === "target" ? colour + "2e" : undefined,
      };
    }

    top(pane) {
      if (pane.key === "share") return 100;
      const most = Math.max(0, ...pane.lines.flatMap((line) => line.values.filter((value) => value != null)));
      return Math.max(most * 1.15, (pane.limit || 0) * 1.25, pane.unit !== "%" ? 1.5 : pane.limit ? 0 : 1);
    }

    resized() {
      if (this.isSmall !== window.innerWidth <= 520) this.build();
      else this.plots.forEach((plot) => plot.setSize({ width: this.holder.clientWidth, height: plot.height }));
    }

    show() {
      this.holder.toggleAttribute("data-zoomed", Boolean(this.zoomed));
      this.plots.forEach((plot) => plot.setScale("x", { min: this.view[0], max: this.view[1] }));
    }

    // Drawing besides the lines

    gates(plot) {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
      for (const [from, to] of this.data.gates) {
        const left = plot.valToPos(from, "x", true), right = plot.valToPos(to ?? this.now, "x", true);
        ctx.globalAlpha = 0.16; ctx.fillStyle = this.colours.attention;
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2), bbox.height);
        ctx.globalAlpha = 1;
        ctx.fillRect(left, bbox.top, Math.max(right - left, 2), 2 * devicePixelRatio);
      }
      ctx.restore();
    }

    over(plot, pane, first) {
      const { ctx, bbox } = plot, ratio = devicePixelRatio;
      ctx.save();
      ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width + 8 * ratio, bbox.height); ctx.clip();
      ctx.textBaseline = "alphabetic";
      ctx.font = 10.5 * ratio + "px " + getComputedStyle(this.holder).fontFamily;
      if (pane.limit) {
        const y = plot.valToPos(pane.limit, "y", true);
        this.stroke(ctx, this.colours.bad, [3, 3], bbox.left, y, bbox.left + bbox.width, y);
        ctx.fillStyle = this.colours.bad; ctx.textAlign = "right";
        ctx.fillText(filled(gettext("limit {0}"), exact(pane.limit, pane.unit)), bbox.left + bbox.width - 2 * ratio, y - bbox.top < 13 * ratio ? y + 11 * ratio : y - 3 * ratio);
      }
      if (!this.data.over) {
        const x = plot.valToPos(this.now, "x", true);
        this.stroke(ctx, this.colours.ink, [], x, bbox.top, x, bbox.top + bbox.height);
        const fits = x + 30 * ratio < bbox.left + bbox.width;
        if (first) {
          ctx.fillStyle = this.colours.ink; ctx.textAlign = fits ? "left" : "right";
          ctx.fillText(gettext("now"), x + (fits ? 4 : -4) * ratio, bbox.top + 24 * ratio);
        }
      }
      if (first) this.named(plot, ctx, ratio);
      for (const [at, kind] of this.data.marks) {
        const x = plot.valToPos(at, "x", true), colour = kind === "event" ? this.colours.ink : this.colours.bad;
        this.stroke(ctx, colour, [1, 3], x, bbox.top, x, bbox.top + bbox.height);
        if (first) { ctx.fillStyle = colour; ctx.textAlign = "center"; ctx.fillText(MARKS[kind], x, bbox.top + bbox.height - 2 * ratio); }
      }
      ctx.restore();
    }

    // Whom a gate waits for, where there is room to say it.
    named(plot, ctx, ratio) {
      ctx.fillStyle = this.colours.ink; ctx.textAlign = "left";
      for (const [from, to, who] of this.data.gates) {
        const left = Math.max(plot.valToPos(from, "x", true), plot.bbox.left);
        const width = plot.valToPos(to ?? this.now, "x", true) - left;
        const said = [filled(gettext("Gate: {0}"), who), gettext("Gate")].find((text) => ctx.measureText(text).width < width - 8 * ratio);
        if (said) ctx.fillText(said, left + 4 * ratio, plot.bbox.top + 13 * ratio);
      }
    }

    stroke(ctx, colour, dash, x, y, toX, toY) {
      ctx.strokeStyle = colour; ctx.lineWidth = devicePixelRatio; ctx.setLineDash(dash.map((part) => part * devicePixelRatio));
      ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(toX, toY); ctx.stroke(); ctx.setLineDash([]);
    }

    // Zoom

    selected(plot) {
      if (plot.select.width < 8) return;
      const from = plot.posToVal(plot.select.left, "x"), to = plot.posToVal(plot.select.left + plot.select.width, "x");
      plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      this.zoom(from, to);
    }

    zoom(from, to) {
      const [least, most] = [0, Math.max(this.data.x[this.data.x.length - 1], this.end)];
      const span = Math.min(Math.max(to - from, 2), most - least);
      const start = Math.min(Math.max(from, least), most - span);
      this.zoomed = [start, start + span];
      this.show();
      if (this.index != null) this.move(this.index, false);
    }

    // To what is shown at first, or to all of it.
    reset(all) {
      this.zoomed = all ? [0, Math.max(this.data.x[this.data.x.length - 1], this.end)] : null;
      this.index = null;
      this.show();
      this.say(null);
      this.plots.forEach((plot) => plot.setCursor({ left: -10, top: -10 }, false, false));
    }

    around(factor) {
      const [from, to] = this.view, middle = this.index == null ? (from + to) / 2 : this.data.x[this.index];
      const span = (to - from) * factor;
      this.zoom(middle - (middle - from) * factor, middle - (middle - from) * factor + span);
    }

    // The cursor

    closest(second) {
      let found = 0;
      this.data.x.forEach((at, number) => { if (Math.abs(at - second) < Math.abs(this.data.x[found] - second)) found = number; });
      return found;
    }

    hovered(plot) {
      // A mouse that rests where the page moved below it says nothing against the keys.
      const { movementX, movementY } = plot.cursor.event;
      if (this.byKeys && !movementX && !movementY) return;
      this.byKeys = false;
      this.index = plot.cursor.idx ?? null;
      this.say(this.index);
    }

    touched({ clientX }) {
      const box = this.plots[0].over.getBoundingClientRect();
      this.byKeys = true;
      this.move(this.closest(this.plots[0].posToVal(Math.min(Math.max(clientX - box.left, 0), box.width), "x")));
    }

    move(index, aloud = true) {
      this.index = Math.min(Math.max(index, 0), this.data.x.length - 1);
      const at = this.data.x[this.index], [from, to] = this.view;
      if (at < from || at > to) this.zoom(at - (to - from) / 2, at + (to - from) / 2);
      else this.plots.forEach((plot) => plot.setCursor({ left: plot.valToPos(at, "x"), top: 4 }, false, false));
      if (aloud) this.say(this.index);
    }

    say(index) {
      if (!this.read) return;
      const said = index == null ? "" : this.sentence(index);
      if (this.read.textContent !== said) this.read.textContent = said;
    }

    sentence(index) {
      const second = this.data.x[index], moment = new Date((this.data.begins + second) * 1000);
      const today = day(moment) === day(new Date(now())) ? "" : day(moment) + ", ";
      const parts = this.data.panes.map((pane) => pane.title + ": " + pane.lines
        .filter((line) => line.values[index] != null || line.role !== "planned")
        .map((line) => (pane.key === "share" && line.role === "target" ? "" : line.name + " ") + figure(valueAt(line.values, index), pane.unit)).join(", "));
      const gate = this.data.gates.find(([from, to]) => second >= from && second <= (to ?? this.data.until));
      const near = (this.view[1] - this.view[0]) / 100;
      const marks = this.data.marks.filter(([at]) => Math.abs(at - second) <= near).map(([, , text]) => text);
      return [today + clock(moment, true), ...parts, ...(gate ? [filled(gettext("Gate: {0}"), gate[2])] : []), ...marks].join(" · ");
    }

    pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const far = event.shiftKey ? 10 : 1, here = this.index ?? this.closest(this.data.until), last = this.data.x.length - 1;
      const keys = {
        ArrowLeft: () => this.move(here - far), ArrowRight: () => this.move(here + (this.index == null ? 0 : far)),
        Home: () => this.move(0), End: () => this.move(last),
        "+": () => this.around(0.5), "=": () => this.around(0.5), "-": () => this.around(2),
        Escape: () => this.reset(false),
      };
      if (!keys[event.key]) return;
      event.preventDefault();
      this.byKeys = true;
      keys[event.key]();
    }
  }

  window.tealgate.timesOf = (begins, to, step) => labels(begins, splits(begins, 0, to, step), step);

  const charts = new WeakMap();

  function draw() {
    document.querySelectorAll("[data-chart]").forEach((holder) => {
      const data = JSON.parse(document.getElementById(holder.dataset.chart).textContent);
      if (charts.has(holder)) charts.get(holder).take(data);
      else charts.set(holder, new Chart(holder, data));
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.uPlot) return;
    draw();
    document.querySelectorAll("[data-live]").forEach((root) => root.addEventListener("tealgate:put", draw));
  });
})();
