/* Handles over a chart that can be dragged, or moved with the arrow keys: the edges of a rep. */
"use strict";
(() => {
  const ui = (window.repsense = window.repsense || {});
  const STEP_S = 0.04; // an arrow key; with shift ten times as much

  /** Show handles over the chart of a NiceGUI element: [{id, t, label, low, high}]. */
  ui.handles = (chartId, wanted) => {
    const chart = getElement(chartId)?.chart;
    if (!chart) return setTimeout(() => ui.handles(chartId, wanted), 30);
    const box = chart.getDom();
    box.style.position = "relative";
    box.querySelectorAll(".rs-handle").forEach((old) => {
      if (!wanted.some((one) => one.id === old.dataset.edge)) old.remove();
    });
    const shown = wanted.map((one) => ({ ...one, node: nodeFor(box, one, chart, place) }));
    function place() {
      const grid = chart.getModel().getComponent("grid")?.coordinateSystem?.getRect();
      if (!grid) return;
      for (const { node } of shown) {
        const x = chart.convertToPixel({ xAxisIndex: 0 }, +node.getAttribute("aria-valuenow"));
        node.style.left = `${x}px`;
        node.style.top = `${grid.y}px`;
        node.style.height = `${grid.height}px`;
        node.hidden = !(x >= grid.x - 1 && x <= grid.x + grid.width + 1);
      }
    }
    chart.off("finished", box.rsPlace);
    box.rsPlace = place;
    chart.on("finished", place);
    place();
  };

  function nodeFor(box, { id, t, label, low, high }, chart, place) {
    let node = box.querySelector(`.rs-handle[data-edge="${id}"]`);
    if (!node) {
      node = document.createElement("div");
      node.className = "rs-handle";
      node.dataset.edge = id;
      node.tabIndex = 0;
      node.setAttribute("role", "slider");
      box.append(node);
    }
    const set = (at) => {
      const held = Math.min(Math.max(at, low), high);
      node.setAttribute("aria-valuenow", held.toFixed(3));
      node.setAttribute("aria-valuetext", `${held.toFixed(2)} s`);
      return held;
    };
    node.setAttribute("aria-label", label);
    node.setAttribute("aria-valuemin", low);
    node.setAttribute("aria-valuemax", high);
    set(t);
    const tell = () => emitEvent("edge", { id, t: +node.getAttribute("aria-valuenow") });
    node.onpointerdown = (down) => {
      down.preventDefault();
      node.focus();
      node.setPointerCapture(down.pointerId);
      node.onpointermove = (move) => {
        const x = move.clientX - box.getBoundingClientRect().left;
        set(chart.convertFromPixel({ xAxisIndex: 0 }, x));
        place();
      };
      node.onpointerup = node.onpointercancel = () => {
        node.onpointermove = node.onpointerup = node.onpointercancel = null;
        tell();
      };
    };
    node.onkeydown = (key) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[key.key];
      if (!steps) return;
      key.preventDefault();
      set(+node.getAttribute("aria-valuenow") + steps * STEP_S * (key.shiftKey ? 10 : 1));
      place();
      tell();
    };
    return node;
  }
})();
