#!/usr/bin/env node
import "../dist/ligo.js";
