// How many nodes a group has: typed as text, read as numbers.
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useTexts } from "../../texts";

export type SizeTexts = Record<"desiredSize" | "minSize" | "maxSize", string>;

export function readSize(size: SizeTexts): Record<keyof SizeTexts, number> {
    return { desiredSize: Number(size.desiredSize), minSize: Number(size.minSize), maxSize: Number(size.maxSize) };
}

export function isSize(size: SizeTexts): boolean {
    const { desiredSize, minSize, maxSize } = readSize(size);
    return Object.values(size).every((text) => /^\d{1,5}$/.test(text)) && minSize <= desiredSize && desiredSize <= maxSize && maxSize >= 1;
}

export function SizeFields({ size, onChange }: { size: SizeTexts; onChange: (size: SizeTexts) => void }): ReactNode {
    const { eks: t } = useTexts();
    const field = (name: keyof SizeTexts, label: string): ReactNode => (
        <FormField label={label}>
            <Input type="number" inputMode="numeric" value={size[name]} onChange={({ detail }) => onChange({ ...size, [name]: detail.value })} />
        </FormField>
    );
    return (
        <SpaceBetween size="xs">
            <ColumnLayout columns={3}>
                {field("desiredSize", t.desired)}
                {field("minSize", t.minimum)}
                {field("maxSize", t.maximum)}
            </ColumnLayout>
            {!isSize(size) && (
                <div role="alert">
                    <StatusIndicator type="error">{t.badSize}</StatusIndicator>
                </div>
            )}
        </SpaceBetween>
    );
}
