// What is shown once answers a form. Loading the page again, or coming back to it, would send the form again and make
// another one: from now on the browser asks for the empty form instead.
history.replaceState(null, '', location.href);
