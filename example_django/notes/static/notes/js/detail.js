// The page of one note: its text is drawn as on the wall.
import { draw } from "./wall.js"

draw()
