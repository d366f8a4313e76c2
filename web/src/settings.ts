// What a person chose for this browser. Nothing secret is kept here. Language and theme are one choice for all of our
// pages: the portal's cookies hold them (src/portal/console.cc). What is kept here of them only spares the first picture
// another language or theme.
import { session } from "./session";
import { Store } from "./store";

export type Language = "en" | "ja";
export type Theme = "system" | "light" | "dark";

export interface Settings {
    language: Language;
    theme: Theme;
    region: string;
}

const stored = (name: keyof Settings): string | undefined => {
    try {
        return localStorage.getItem(`sekisho-${name}`) ?? undefined;
    } catch {
        return undefined; // storage is blocked: the defaults serve
    }
};
const isLanguage = (value: unknown): value is Language => value === "en" || value === "ja";
const isTheme = (value: unknown): value is Theme => value === "system" || value === "light" || value === "dark";
const isRegion = (value: unknown): value is string => typeof value === "string" && /^[a-z]{2}(-[a-z]+)+-\d$/.test(value);

function read(): Settings {
    const [language, theme, region] = [stored("language"), stored("theme"), stored("region")];
    return {
        language: isLanguage(language) ? language : navigator.language.startsWith("ja") ? "ja" : "en",
        theme: isTheme(theme) ? theme : "system",
        region: isRegion(region) ? region : "us-east-1",
    };
}

export const settings = new Store<Settings>(read());

function keep(change: Partial<Settings>): void {
    settings.set({ ...settings.get(), ...change });
    try {
        for (const [name, value] of Object.entries(change)) localStorage.setItem(`sekisho-${name}`, value);
    } catch {
        // Without storage the choice lasts as long as the page.
    }
}

// Until a person chooses: the region where Identity Center lives, or the one that a relay state names.
export function proposeRegion(region: string | undefined): void {
    if (isRegion(region) && stored("region") === undefined) settings.set({ ...settings.get(), region });
}

// As all of our pages have it.
export function takePreferences({ language, theme }: { language?: string; theme?: string }): void {
    if (isLanguage(language) && isTheme(theme)) keep({ language, theme });
}

export function choose(change: Partial<Settings>): void {
    keep(change);
    const { language, theme } = change;
    if (language || theme) void session.keepPreferences({ ...(language && { language }), ...(theme && { theme }) });
}
