import "@cloudscape-design/global-styles/index.css";
import { createRoot } from "react-dom/client";
import "./main.css";
import { dismissAll } from "./parts/flash";
import { pageOfDestination, path, regionOfDestination, replace, startRouter } from "./router";
import { session, type Role } from "./session";
import { proposeRegion, settings, takePreferences } from "./settings";
import { App, loadMessages } from "./shell/app";
import { applyTheme } from "./shell/theme";

// The portal hands over account, role and relay state in the query; the address then names the page alone.
function takeHandOver(): { role?: Role; region?: string } {
    const query = new URLSearchParams(location.search);
    const accountId = query.get("account_id") ?? "";
    const roleName = query.get("role_name") ?? "";
    const destination = query.get("destination") ?? "";
    if (location.search) replace(destination ? pageOfDestination(destination) : path.get());
    return {
        role: /^\d{12}$/.test(accountId) && roleName ? { accountId, roleName } : undefined,
        region: regionOfDestination(destination),
    };
}

const { role, region } = takeHandOver();
startRouter(dismissAll);
const root = createRoot(document.getElementById("root")!);
// Beside the question who is there: mostly it stays at this language.
void loadMessages[settings.get().language]();
// The first picture comes with the answer: in the language and theme that were chosen on any of our pages.
session
    .open(role)
    .then(() => {
        takePreferences(session.preferences);
        proposeRegion(region ?? session.homeRegion);
    })
    .catch(() => session.who.set({ kind: "nobody" }))
    .finally(() => {
        applyTheme();
        root.render(<App />);
    });
