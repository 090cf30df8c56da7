/**
 * Imports that have no types of their own: styles, and Plotly, whose used part `plotly.ts` types.
 */
declare module '*.css';
declare module 'plotly.js-dist-min' {
  const plotly: unknown;
  export default plotly;
}
