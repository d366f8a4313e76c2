import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ command }) => {
    // `npm run dev` works against a running server. Its calls are signed for the server's name, and the door is asked as
    // from its own page.
    const server = process.env.SEKISHO_URL ?? "https://localhost:7443";
    if (command === "serve" && !process.env.VITEST) process.env.VITE_SIGNED_HOST = new URL(server).host;
    const door = { target: server, secure: false, changeOrigin: true, headers: { origin: server } };
    return {
        base: "/console/",
        plugins: [react()],
        build: {
            outDir: process.env.SEKISHO_WEB_OUT ?? "../build/web",
            emptyOutDir: true,
            assetsInlineLimit: 0, // no data: images beyond those of the design system's styles
            modulePreload: { polyfill: false },
            chunkSizeWarningLimit: 2000,
            reportCompressedSize: false,
        },
        server: { proxy: { "^/console/(session|preferences|roles|credentials)$": door, "^/(?!console(/|$)|@)": door } },
        test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
    };
});
