// Session durations to choose from: 1 to 12 hours, as AWS offers them.
import type { SelectProps } from "@cloudscape-design/components/select";
import { fill, type Texts } from "../../texts";

export function durationOptions(t: Texts["identityMore"]): SelectProps.Option[] {
    return [1, 2, 4, 8, 12].map((hours) => ({ value: `PT${hours}H`, label: hours === 1 ? t.hour : fill(t.hours, hours) }));
}
