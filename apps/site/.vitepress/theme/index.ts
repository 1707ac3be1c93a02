import DefaultTheme from "vitepress/theme";
import type { Theme } from "vitepress";
import { defineAsyncComponent } from "vue";
import "./site.css";

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    // the architectures come with the page that needs them
    app.component(
      "Planner",
      defineAsyncComponent(() => import("./Planner.vue")),
    );
  },
};

export default theme;
