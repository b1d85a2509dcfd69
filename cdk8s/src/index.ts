export { tintypeChart } from './chart/tintype-chart.js';
