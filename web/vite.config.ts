import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// A running server for `npm run dev`: SEKISHO_URL=https://localhost:7443 npm run dev
const server = process.env.SEKISHO_URL ?? "https://localhost:7443";

export default defineConfig({
    base: "/console/",
    plugins: [react()],
    build: {
        outDir: process.env.SEKISHO_WEB_OUT ?? "../build/web/dist",
        emptyOutDir: true,
        assetsInlineLimit: 0, // no data: scripts or images: the content security policy stays short
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 2000,
        reportCompressedSize: false,
    },
    server: {
        proxy: {
            // Signed calls go to the server under its own name: the signature holds the host.
            "^/(?!console/(?!session|roles|credentials))": { target: server, secure: false, changeOrigin: true },
            "^/console/(session|roles|credentials)$": { target: server, secure: false, changeOrigin: true },
        },
    },
    test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
