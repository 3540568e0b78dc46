/** A variable that is set to something. */
const given = (name: string): string | undefined => process.env[name] || undefined;

/** Whether the standard variables of OpenTelemetry ask for traces: an exporter or an OTLP endpoint is named, and nothing says `none`. */
export function tracesWanted(): boolean {
  if (given('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return false;
  const exporter = given('OTEL_TRACES_EXPORTER');
  if (exporter !== undefined) return !exporter.split(',').some((name) => name.trim() === 'none');
  return (given('OTEL_EXPORTER_OTLP_ENDPOINT') ?? given('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')) !== undefined;
}
