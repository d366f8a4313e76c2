import "@cloudscape-design/global-styles/index.css";
import { createRoot } from "react-dom/client";
import "./main.css";
import { dismissAll } from "./parts/flash";
import { pageOfDestination, path, replace, startRouter } from "./router";
import { session, type Role } from "./session";
import { proposeRegion } from "./settings";
import { App } from "./shell/app";
import { applyTheme } from "./shell/theme";

// The portal hands over account, role and relay state in the query; the address then names the page alone.
function takeHandOver(): Role | undefined {
    const query = new URLSearchParams(location.search);
    const accountId = query.get("account_id") ?? "";
    const roleName = query.get("role_name") ?? "";
    const destination = query.get("destination");
    if (location.search) replace(destination ? pageOfDestination(destination) : path.get());
    return /^\d{12}$/.test(accountId) && roleName ? { accountId, roleName } : undefined;
}

const wanted = takeHandOver();
startRouter(dismissAll);
applyTheme();
createRoot(document.getElementById("root")!).render(<App />);
session
    .open(wanted)
    .then(() => proposeRegion(session.homeRegion))
    .catch(() => session.who.set({ kind: "nobody" }));
