// On a page that has moved: go on, with the anchor that was asked for.
location.replace(document.querySelector("a").href + location.hash);
