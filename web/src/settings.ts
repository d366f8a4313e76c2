// What a person chose for this browser. Nothing secret is kept here.
import { Store } from "./store";

export type Language = "en" | "ja";
export type Theme = "system" | "light" | "dark";

export interface Settings {
    language: Language;
    theme: Theme;
    region: string;
}

const name = "sekisho-console";

function read(): Settings {
    const chosen: Settings = { language: navigator.language.startsWith("ja") ? "ja" : "en", theme: "system", region: "us-east-1" };
    try {
        const kept = JSON.parse(localStorage.getItem(name) ?? "{}") as Partial<Settings>;
        if (kept.language === "en" || kept.language === "ja") chosen.language = kept.language;
        if (kept.theme === "light" || kept.theme === "dark") chosen.theme = kept.theme;
        if (typeof kept.region === "string" && /^[a-z]{2}(-[a-z]+)+-\d$/.test(kept.region)) chosen.region = kept.region;
    } catch {
        // Storage is blocked or holds something else: the defaults serve.
    }
    return chosen;
}

export const settings = new Store<Settings>(read());

// Until a person chooses: the region where Identity Center lives.
export function proposeRegion(region: string | undefined): void {
    if (region && localStorage.getItem(name) === null) settings.set({ ...settings.get(), region });
}

export function choose(change: Partial<Settings>): void {
    settings.set({ ...settings.get(), ...change });
    try {
        localStorage.setItem(name, JSON.stringify(settings.get()));
    } catch {
        // Without storage the choice lasts as long as the page.
    }
}
