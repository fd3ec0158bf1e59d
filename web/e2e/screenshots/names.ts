// Names of the demonstration's people besides those with drawn faces (../drawn/cast.ts). Nobody in particular is meant.

export const OTHERS: readonly string[] = [
  "Aino Virtanen", "Bao Nguyễn", "Catarina Duarte", "Diyar Aydin", "Ebele Eze", "Farah Siddiqui", "Goran Petrović", "Hiroshi Tanaka",
  "Isla Mackenzie", "João Pereira", "Kalani Kealoha", "Lerato Dlamini", "Mahsa Karimi", "Nikos Papadakis", "Oksana Bondar", "Pilar Quispe",
  "Rana El-Sayed", "Siobhán Byrne", "Tenzin Dorji", "Uma Krishnan", "Viktor Szabó", "Wanjiru Kamau", "Xiang Li", "Yael Ben-Ami",
  "Maximiliane-Theodora von Hohenfels", "عمر الخطيب", "김민서", "Ólafur Jónsson",
];

export const STAFF: readonly string[] = ["Beatriz Almeida", "Noor Rahman", "Hamish Fraser"];
