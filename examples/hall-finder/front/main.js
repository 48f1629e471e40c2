// Starts the app: two pages with history routing.
import { createApp } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import Finder from "./Finder.vue";
import Hall from "./Hall.vue";
import { say } from "./words.js";
import "./style.css";

const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", component: Finder },
    { path: "/halls/:id", component: Hall, props: true },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
router.afterEach((to) => {
  if (to.path === "/") document.title = say.title;
});

createApp(App).use(router).mount("#app");
