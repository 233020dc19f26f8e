// ECharts in the page's own colours; tooltips are drawn, not HTML, so that the strict content policy holds.
import * as echarts from "/static/vendor/echarts/dist/echarts.esm.min.mjs";
import { _ } from "./i18n.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function base() {
  const text = colour("--text-2");
  return {
    animation: false, textStyle: { color: text, fontFamily: "inherit" }, grid: { left: 8, right: 30, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, right: 0, textStyle: { color: text }, itemWidth: 14, itemHeight: 8 },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--text") } },
  };
}

const axis = (more) => ({ axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false }, axisLabel: { color: colour("--text-2") }, splitLine: { lineStyle: { color: colour("--line") } }, ...more });

/** `choose(data)` is told what was clicked: a datum of the chart. */
function chart(element, options, choose = () => {}) {
  const drawn = echarts.init(element, null, { renderer: "svg" });
  drawn.on("click", ({ data }) => choose(data));
  new ResizeObserver(() => drawn.resize()).observe(element);
  return { draw: (...values) => drawn.setOption({ ...base(), ...options(...values) }, true) };
}

/** Reported and closed per day: [{date, reported, closed}]. Told apart by line style as well as by colour. A point says `choose({date, figure})`. */
export function dailyChart(element, choose) {
  return chart(element, (days) => ({
    xAxis: axis({ type: "category", data: days.map(({ date }) => date.slice(5)), splitLine: { show: false } }), yAxis: axis({ type: "value", minInterval: 1, axisLine: { show: false } }),
    series: [
      { name: _("reported"), type: "line", symbol: "circle", symbolSize: 5, data: days.map(({ date, reported }) => ({ value: reported, date, figure: "reported" })), itemStyle: { color: colour("--blue") }, lineStyle: { width: 2 } },
      { name: _("closed"), type: "line", symbol: "diamond", symbolSize: 7, data: days.map(({ date, closed }) => ({ value: closed, date, figure: "closed" })), itemStyle: { color: colour("--green") }, lineStyle: { width: 2, type: "dashed" } },
    ],
  }), choose);
}

/** Up to three rates of up to ten rows as bars, 0–100 %; told apart by pattern as well as by colour. A bar says `choose({row, rate})`. */
export function rateChart(element, choose) {
  return chart(element, (rows, rates) => {
    const shown = rows.slice(0, Math.max(5, Math.floor(element.clientHeight / 30))).reverse();
    const fills = [colour("--blue"), colour("--amber"), colour("--green")];
    const patterns = [undefined, { symbol: "rect", color: "rgba(255,255,255,.35)" }, { symbol: "triangle", color: "rgba(255,255,255,.45)" }];
    return {
      xAxis: axis({ type: "value", max: 100, axisLabel: { formatter: "{value} %", color: colour("--text-2") } }),
      yAxis: axis({ type: "category", data: shown.map(({ name }) => name || _("(none)")), axisLabel: { color: colour("--text-2"), width: 130, overflow: "truncate", interval: 0 } }),
      series: rates.map(([name, label], index) => ({
        name: label, type: "bar", barMaxWidth: rates.length > 2 ? 6 : 9, itemStyle: { color: fills[index], decal: patterns[index] },
        data: shown.map((row) => (row.rates?.[name] === null || row.rates?.[name] === undefined ? null : { value: Math.round(row.rates[name] * 1000) / 10, row, rate: name })),
      })),
    };
  }, choose);
}

/** Counts as bars: [{name, number, row}], the largest first, at most twelve. A bar says `choose({row})`. */
export function countChart(element, choose) {
  return chart(element, (rows) => {
    const shown = rows.slice(0, Math.min(12, Math.max(5, Math.floor(element.clientHeight / 20)))).reverse();
    return {
      title: { show: !rows.length, text: _("No cases in this period."), left: "center", top: "middle", textStyle: { color: colour("--text-2"), fontSize: 13, fontWeight: 400 } },
      legend: { show: false }, grid: { left: 8, right: 40, top: 4, bottom: 4, containLabel: true },
      xAxis: axis({ type: "value", minInterval: 1, axisLabel: { show: false }, splitLine: { show: false } }),
      yAxis: axis({ type: "category", data: shown.map(({ name }) => name), axisLabel: { color: colour("--text-2"), width: 120, overflow: "truncate", interval: 0 } }),
      series: [{ type: "bar", barMaxWidth: 12, itemStyle: { color: colour("--blue") }, label: { show: true, position: "right", color: colour("--text-2") }, data: shown.map(({ number, row }) => ({ value: number, row })) }],
    };
  }, choose);
}
