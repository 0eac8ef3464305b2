export { parseRouter, serialiseRouter } from "./artefact.ts";
export type { RouterErrorCode } from "./errors.ts";
export { areaUnderRoc, measureRouter, type LabelMeasure, type RouterMeasure } from "./measure.ts";
export { ROUTER_FORMAT, type LabelledText, type RouterModel } from "./model.ts";
export { route, type RankedLabel, type Route } from "./route.ts";
export { trainingHashOf, trainRouter, type TrainOptions } from "./train.ts";
