import { View, parse } from "vega";
import { type TopLevelSpec, compile } from "vega-lite";

/** Legible on a light page and on a dark one. */
const CONFIG = {
  background: "#ffffff",
  font: "system-ui, sans-serif",
  padding: 12,
  axis: { labelFontSize: 12, titleFontSize: 12, labelLimit: 240 },
  legend: { labelFontSize: 12, titleFontSize: 12 },
  title: { fontSize: 14, anchor: "start" },
  view: { stroke: null },
} as const;

/** A chart as SVG text; the same figures always make the same text. */
export function svgOf(spec: TopLevelSpec): Promise<string> {
  const { spec: drawn } = compile({ ...spec, config: CONFIG });
  return new View(parse(drawn), { renderer: "none" }).toSVG();
}
