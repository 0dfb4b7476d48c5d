export const measureShapes = async (): Promise<boolean> => true;
