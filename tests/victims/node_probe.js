// Opens /etc/hostname from every kind of JavaScript frame. Before each open it prints what
// the stack should be: F or G (files, generated), then FUNCTION:LINE of the frames that are
// not node's own, innermost first, LINE being where the function begins.
// Its lines are numbered in it.

const fs = require('fs');
function probe(kind, ...frames) {
    const names = ['probe:7', ...frames, '<anonymous>:1'];
    const line = [kind, ...names].join('\t');
    fs.writeSync(1, line + '\n');
    fs.closeSync(fs.openSync('/etc/hostname'));
}

function outer() {
    inner();
}
function inner() {
    probe('F', 'inner:17', 'outer:14');
}

class Thing {
    method() {
        probe('F', 'method:22');
    }
}

function* generator() {
    yield probe('F', 'generator:27');
}

probe('F');
outer();
new Thing().method();
[...generator()];
[1].forEach(function each() { probe('F', 'each:35'); });
globalThis.probe = probe; (() => { eval("\n\n(function evaluated() { probe('G', 'evaluated:3', '<anonymous>:1', '<anonymous>:36'); })()"); })();
(() => { new Function('a', 'probe("G", "<anonymous>:1", "<anonymous>:37")')(1); })();
const late = eval('(function late() { inner_of_file(); })');
function inner_of_file() {
    probe('G', 'inner_of_file:39', 'late:1');
}
late();
