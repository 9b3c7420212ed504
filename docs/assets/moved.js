// Made by 'make catalogue' from greenlit/site/scripts/: moved.js.
location.replace(document.querySelector("a").href + location.hash);
