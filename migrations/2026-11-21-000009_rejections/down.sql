DROP TABLE rejections;
DROP TABLE sighting_faces;
