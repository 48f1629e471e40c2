// The component writes the page's frame, so that language and text size are right from the first byte; Vite builds what
// the frame loads, under fixed names. The host answers later visits with 304 by ETag.
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue()],
  publicDir: "static",
  build: {
    outDir: "dist",
    cssCodeSplit: false,
    modulePreload: false,
    rollupOptions: {
      input: "front/main.js",
      output: {
        entryFileNames: "assets/app.js",
        assetFileNames: "assets/app[extname]",
      },
    },
  },
});
