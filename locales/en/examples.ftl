example-space-cat = a ginger cat in a space suit looking at the Earth through a ship’s window
example-winter-village = a winter village in the evening, lights in the windows, fluffy snow
example-teapot-house = a teapot house in a forest glade, steam from its chimney
example-sea = a sailing ship in a storm, oil paints
