/** Diagnostics as text are rendered in one place, beside their definition; here for those who print. */
export { type RenderOptions as DiagnosticStyle, renderDiagnostic, renderDiagnostics } from '../diagnostics/render.ts';
