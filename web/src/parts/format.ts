import { settings } from "../settings";

const locale = (): string => (settings.get().language === "ja" ? "ja-JP" : "en-GB");

// AWS's JSON protocols give epoch seconds, the query protocol ISO 8601 text.
export function formatDate(value: unknown): string {
    if (value === undefined || value === null || value === "") return "–";
    const date = typeof value === "number" ? new Date(value * 1000) : new Date(String(value));
    if (Number.isNaN(date.getTime())) return String(value);
    return date.toLocaleString(locale(), { dateStyle: "medium", timeStyle: "short" });
}

export function formatDay(epochSeconds: number): string {
    return new Date(epochSeconds * 1000).toLocaleDateString(locale(), { dateStyle: "medium" });
}

// "PT8H30M" -> minutes, and back.
export function minutesOfDuration(text: string): number {
    const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
    if (!found) return 0;
    const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
    return days! * 1440 + hours! * 60 + minutes! + Math.round(seconds! / 60);
}

export function formatMinutes(minutes: number): string {
    const japanese = settings.get().language === "ja";
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    const parts = [];
    if (hours > 0) parts.push(japanese ? `${hours} 時間` : hours === 1 ? "1 hour" : `${hours} hours`);
    if (rest > 0) parts.push(japanese ? `${rest} 分` : `${rest} minutes`);
    return parts.join(" ") || (japanese ? "0 分" : "0 minutes");
}
